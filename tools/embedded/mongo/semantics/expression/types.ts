import { typeName } from '../value.ts';
import { operator } from './build.ts';
import type { Build } from './scope.ts';

export const TYPES: Record<string, Build> = {
  $type: operator(1, 1, ([value]) => (value === undefined ? 'missing' : typeName(value))),
  $isNumber: operator(
    1,
    1,
    ([value]) => value !== undefined && ['int', 'long', 'double', 'decimal'].includes(typeName(value)),
  ),
};
