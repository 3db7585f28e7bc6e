import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';

/** Fits in a list; counted in code points, as people count. */
const MAX_NAME_LENGTH = 80;

// Controls, halves of characters, what turns or hides the text around it, and letters that show nothing.
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]/u;

function isDisplayName(value: unknown): boolean {
  if (typeof value !== 'string' || value.trim() === '' || FORBIDDEN.test(value)) return false;
  return [...value].length <= MAX_NAME_LENGTH;
}

/** What people call a thing of theirs: one line, normalised, without anything that cannot be seen. */
export function IsDisplayName(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.normalize('NFC').trim() : value)),
    ValidateBy({
      name: 'isDisplayName',
      validator: {
        validate: isDisplayName,
        defaultMessage: () => `must be 1 to ${MAX_NAME_LENGTH} characters on one line, without control characters`,
      },
    }),
  );
}
