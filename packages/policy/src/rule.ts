/** An operator's standing permission for the channels that match a target (`authority.md` §4, Xano: channel permission). */
export interface Rule {
  readonly id: number;
  /** Changes whenever the rule does: the policy epoch of its last change. */
  readonly version: number;
  readonly target: string;
  readonly nested: boolean;
  readonly enabled: boolean;
  readonly description: string;
  readonly anonymousClients: boolean;
  readonly presence: boolean;
  readonly publicMessaging: MessagingSwitch;
  readonly authenticatedMessaging: boolean;
  readonly privateMessaging: MessagingSwitch;
  /** How many of the newest messages a reader gets; 0 keeps none. */
  readonly history: number;
  /** Where it is kept: a rule from the file is read-only in the API. */
  readonly origin: 'file' | 'store';
}

export interface MessagingSwitch {
  readonly enabled: boolean;
  /** Does nothing while `enabled` is false. */
  readonly authenticatedOnly: boolean;
}

/** What is said of a rule where it is written: all that `Rule` has but its id, version and origin. */
export type RuleSpec = Omit<Rule, 'id' | 'version' | 'origin'>;
