/**
 * Parts that a module makes unless its user says otherwise. An id that takes a part's place may be unknown while planning; a switch is known. A stack has
 * none: undefined means that the part is made.
 */
export interface Switches {
  readonly createLaunchTemplate?: boolean;
  readonly createRole?: boolean;
  readonly createSecurityGroup?: boolean;
}
