/** The first response to a mutating call, kept so that a duplicate gets the same answer. */
export interface StoredResponse {
  /** The caller's request id together with whatever scopes it; unique. */
  readonly key: string;
  /** Method that answered. */
  readonly method: string;
  /** Hash of the request, to recognize the same id on another request. */
  readonly fingerprint: string;
  /** Encoded response. */
  readonly body: Uint8Array;
  readonly createdAt: number;
}
