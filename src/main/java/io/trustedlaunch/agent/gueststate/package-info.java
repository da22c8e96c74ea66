/**
 * A VM's guest state on its way home: read from the working copy, sealed, and published in the VM's home so that no
 * crash, no full disk and no second writer leaves anything but the old state or the new one.
 *
 * <pre>
 *   working copy ──CopyReader──► CopyContent ──SealedLine──► Home (guest-state-&lt;epoch&gt;-&lt;generation&gt;.p7m)
 *        │                                         ▲
 *        └── CopyChanges (inotify) ──► GuestStateKeeper, while the guest runs
 * </pre>
 *
 * <p>A home's rules need nothing but link(2): a name is given once and never overwritten, a reader takes the highest,
 * and whoever prunes touches only what is not above what it has just written. So a writer that was paused, and wakes up
 * when a later one has gone on, changes nothing that a reader takes.
 *
 * <p>UEFI variables have a form and no key: {@code UefiVariables} tells whether they are whole, {@code VariableSuccession}
 * whether firmware can have made them of those that were sealed last, and {@code WriteLog} what becomes of them where it was
 * broken off.
 */
package io.trustedlaunch.agent.gueststate;
