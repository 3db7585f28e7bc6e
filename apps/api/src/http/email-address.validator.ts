import { ValidateBy } from 'class-validator';
import { emailAddress } from '@flowmate/domain';

/** What `emailAddress` of the domain takes. It comes as it was written: services turn it into the account's form. */
export function IsEmailAddress(): PropertyDecorator {
  return ValidateBy({
    name: 'isEmailAddress',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && emailAddress(value) !== undefined,
      defaultMessage: () => 'must be an e-mail address',
    },
  });
}
