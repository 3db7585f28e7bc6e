import { Controller, Get, Module } from '@nestjs/common';
import { Public } from '../src/auth/access.decorator.js';
import { startApiUnderTest } from './harness/api-under-test.js';

@Controller('silent')
class SilentController {
  @Get('open')
  @Public()
  open(): string {
    return 'for everybody';
  }

  /** What somebody forgot. */
  @Get('forgotten')
  forgotten(): string {
    return 'a secret';
  }
}

@Module({ controllers: [SilentController] })
class SilentModule {}

describe('an api with an operation that does not say whom it is for', () => {
  it('does not start, and names the operation', async () => {
    await expect(startApiUnderTest({ modules: [SilentModule] })).rejects.toThrow(
      'do not say whom they are for, with @Can(…) or @Public(): SilentController.forgotten',
    );
  });
});
