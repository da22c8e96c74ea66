package io.trustedlaunch.agent.fillserver;

import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.custody.BackupKeys;
import java.util.OptionalLong;

/**
 * All that is needed to serve the disks of one backup. Its maker closes the keys, once it was handed over.
 *
 * @param grant what may be asked of a bucket; empty for a folder
 * @param bytesPerSecond the most that is read of the location; empty: there is no limit
 */
public record FillContent(
        BackupRunSpec.Location location, BackupRef backup, BackupKeys keys, byte[] grant, OptionalLong bytesPerSecond) {
    /** Keys and grant are secrets. */
    @Override
    public String toString() {
        return "FillContent[" + backup + " in " + location.name() + "]";
    }
}
