/**
 * A VM's folder in its storage location, and the gate before it: nothing writes into a VM's folder, and no guest runs from one,
 * without a {@link io.trustedlaunch.agent.folder.Permit}, which only {@link io.trustedlaunch.agent.folder.FolderGate} makes.
 *
 * <p>Sealed guest states are not behind the gate: each has a name of its own, is written once, and is taken by no reader that
 * does not look for its epoch.
 */
package io.trustedlaunch.agent.folder;
