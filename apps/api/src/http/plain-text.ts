import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';

export interface PlainTextOptions {
  readonly min: number;
  readonly max: number;
}

/** Counted in code points, as people count. Halves of characters cannot be stored, and no text needs a NUL. */
function isPlainText(value: unknown, { min, max }: PlainTextOptions): boolean {
  if (typeof value !== 'string' || !value.isWellFormed() || value.includes('\0')) return false;
  // A code point is one or two of what JavaScript counts: what is far too long is not walked through.
  if (value.length > 2 * max) return false;
  const length = [...value].length;
  return length >= min && length <= max;
}

/** A text of people or programs, kept as it is, to the letter. */
export function IsPlainText(options: PlainTextOptions): PropertyDecorator {
  const { min, max } = options;
  return applyDecorators(
    ValidateBy({
      name: 'isPlainText',
      validator: {
        validate: (value: unknown) => isPlainText(value, options),
        defaultMessage: () =>
          `must be a text of ${min > 0 ? `${min} to` : 'at most'} ${max.toLocaleString('en')} characters`,
      },
    }),
  );
}
