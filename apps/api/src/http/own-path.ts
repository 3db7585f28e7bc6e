import { applyDecorators } from '@nestjs/common';
import { Matches, MaxLength } from 'class-validator';

/** One slash, so that no browser takes it for a host; nothing that browsers drop or turn around, or no header holds. */
export const OWN_PATH = /^\/(?![/\\])[!-[\]-~]*$/;
export const MAX_OWN_PATH_LENGTH = 500;

/** Where to go on afterwards: a path of this instance and nothing else. */
export const IsOwnPath = (): PropertyDecorator =>
  applyDecorators(Matches(OWN_PATH, { message: 'must be a path of this instance' }), MaxLength(MAX_OWN_PATH_LENGTH));
