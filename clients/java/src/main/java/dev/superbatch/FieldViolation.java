package dev.superbatch;

/**
 * One thing wrong with one field of a request.
 *
 * @param path from the request message, in the contract's field names: {@code study.spec.space.parameters[3].float.max}
 * @param message what is wrong and what would be right
 */
public record FieldViolation(String path, String message) {}
