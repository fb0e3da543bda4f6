/** How other programs are told of the end of tasks. */
export interface DeliveryConfig {
  /** Address of the page, without `/` at the end; null: messages have no links. */
  readonly publicUrl: string | null;
  /** Where webhooks may go, such as `https://app.example.org`; empty: none are sent. */
  readonly origins: readonly string[];
  /** Networks that webhooks may go to although they are not public. */
  readonly networks: readonly string[];
  /** A file with the keys that sign webhooks; null: none are sent. */
  readonly secretPath: string | null;
  /** A program that is run when a task has ended, name or path; null: none. */
  readonly doneCommand: string | null;
}
