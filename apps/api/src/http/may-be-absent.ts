import { ValidateIf } from 'class-validator';

/** May be left out, but is no `null`: class-validator's `IsOptional` would let that pass unchecked. */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);
