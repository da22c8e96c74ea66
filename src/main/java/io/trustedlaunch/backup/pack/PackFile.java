package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.Pack;

/**
 * A pack that is whole.
 *
 * @param sha256 of it as it is stored; lower-case hex
 */
public record PackFile(Pack pack, long bytes, String sha256) {}
