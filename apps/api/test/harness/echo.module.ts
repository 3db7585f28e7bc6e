import { Body, Controller, Get, HttpCode, Module, Param, Post, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { Can, Public } from '../../src/auth/access.decorator.js';
import { BodyLimit } from '../../src/http/body-limit.decorator.js';

class EchoPartDto {
  @IsString()
  @MaxLength(100)
  label: string;
}

/** One field of each kind that real operations have. */
class EchoDto {
  @IsString()
  @MaxLength(2_000_000)
  text: string;

  @IsOptional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Max(100)
  amount?: number;

  @IsOptional()
  @IsString()
  @Matches(/^[a-z0-9-]{1,40}$/)
  slug?: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @ValidateNested({ each: true })
  @Type(() => EchoPartDto)
  parts?: EchoPartDto[];
}

class EchoQuery {
  @IsOptional()
  @IsString()
  @MaxLength(100)
  a?: string;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  limit?: number;
}

class EchoParams {
  @Matches(/^[0-9a-f]{24}$/)
  id: string;
}

/** What only the harness mounts: an operation of every shape, and handlers that fail in every way. */
@ApiExcludeController()
@Controller('test')
class EchoController {
  @Post('echo')
  @Public()
  @HttpCode(200)
  echo(@Body() body: EchoDto): { length: number; keys: string[] } {
    return { length: body.text.length, keys: Object.keys(body) };
  }

  @Get('echo')
  @Public()
  query(@Query() query: EchoQuery): EchoQuery {
    return query;
  }

  @Get('echo/:id')
  @Public()
  param(@Param() { id }: EchoParams): { id: string } {
    return { id };
  }

  @Post('small')
  @Public()
  @HttpCode(200)
  @BodyLimit(100)
  small(@Body() body: EchoDto): { length: number } {
    return { length: body.text.length };
  }

  @Get('nothing')
  @Public()
  nothing(): { ok: true } {
    return { ok: true };
  }

  @Get('closed')
  @Can('instance:read')
  closed(): string {
    return 'a secret';
  }

  @Post('closed')
  @Can('instance:read')
  closedPost(@Body() _body: EchoDto): string {
    return 'a secret';
  }

  @Get('fail/:how')
  @Public()
  fail(@Param('how') how: string): unknown {
    return FAILURES.get(how)?.();
  }
}

const SECRET_TEXT = 'canary-in-an-error password=hunter2hunter2';

const FAILURES = new Map<string, () => unknown>([
  [
    'error',
    () => {
      throw new Error(SECRET_TEXT);
    },
  ],
  [
    'string',
    () => {
      // oxlint-disable-next-line no-throw-literal -- what careless libraries do
      throw SECRET_TEXT;
    },
  ],
  ['rejection', () => Promise.reject(new TypeError(SECRET_TEXT))],
  [
    'circular',
    () => {
      const circle: Record<string, unknown> = { text: SECRET_TEXT };
      circle['self'] = circle;
      return circle;
    },
  ],
  [
    'provider',
    () => {
      throw Object.assign(new Error('request failed'), {
        config: { headers: { authorization: `Bearer ${SECRET_TEXT}` } },
        response: { data: SECRET_TEXT },
        cause: Object.assign(new Error('socket'), { headers: { cookie: SECRET_TEXT } }),
      });
    },
  ],
]);

@Module({ controllers: [EchoController] })
export class EchoModule {}
