/**
 * Seals a VM's guest state: reads the working copy, seals it and publishes it in the VM's home, so that after any crash, full
 * disk or second writer the home has either the old state or the new one.
 *
 * <pre>
 *   working copy ──WorkingCopyReader──► WorkingCopyContent ──GuestStateSealer──► Home (guest-state-&lt;epoch&gt;-&lt;generation&gt;.p7m)
 *        │                                         ▲
 *        └── WorkingCopyChanges (inotify) ──► GuestStateKeeper, while the guest runs
 * </pre>
 *
 * <p>A home needs only link(2): a name is used once and never overwritten, readers take the highest, and pruning removes
 * only versions below the one just written. A writer that was paused while a later one continued therefore changes nothing
 * that a reader takes.
 *
 * <p>UEFI variables have a structure but no key: {@code UefiVariables} checks whether they are complete,
 * {@code VariableSuccession} whether firmware can have made them from those sealed last, and {@code WriteLog} completes
 * interrupted writes.
 */
package io.trustedlaunch.agent.gueststate;
