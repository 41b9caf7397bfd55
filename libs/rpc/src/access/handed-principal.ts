import { anonymous, decodePrincipal, type Principal } from "@superbatch/access";

/** Metadata key under which the guard hands the principal to handlers. What a caller sends under it is thrown away. */
export const principalKey = "superbatch-principal-bin";

/**
 * Who makes a call, as the service's guard found out.
 *
 * @param handed - value of the metadata key {@link principalKey} in the handler.
 */
export function handedPrincipal(handed: Uint8Array | string | undefined): Principal {
  return handed === undefined || typeof handed === "string" ? anonymous : decodePrincipal(handed);
}
