/**
 * The form of a VM's sealed guest state: TPM and UEFI variables in one file, {@code guest-state-<epoch>-<generation>.p7m}
 * in the VM's home.
 *
 * <p>Pure: bytes in, bytes out. Where the files lie, which of them is taken and when one is written is the agent's;
 * what encrypts them is {@code custody}'s.
 */
package io.trustedlaunch.gueststate;
