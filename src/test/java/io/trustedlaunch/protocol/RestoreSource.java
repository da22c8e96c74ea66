package io.trustedlaunch.protocol;

import io.trustedlaunch.api.restore.RestoreRun;
import java.util.function.Consumer;

/**
 * Where agents restore VMs from.
 *
 * @param restored told of each restore whose files are the VM's from now on
 */
record RestoreSource(SavedVms backups, Consumer<RestoreRun> restored) {}
