package io.trustedlaunch.agent.domain;

import java.nio.file.Path;

/**
 * What a disk reads as where nothing was written to it: an export of this host, read-only.
 *
 * @param socket absolute; the hypervisor's user can connect to it
 * @param export name of the export
 */
public record NbdBacking(Path socket, String export) {
    public NbdBacking {
        SpecChecks.requireAbsolute("socket of export " + export, socket);
        SpecChecks.requirePrintable("export name", export);
    }
}
