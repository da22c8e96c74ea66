/**
 * The form of a VM's sealed guest state: TPM and UEFI variables in one file, {@code guest-state-<epoch>-<generation>.p7m}
 * in the VM's home.
 *
 * <p>Pure: bytes in, bytes out. The agent decides where files are stored, which one is used and when one is written;
 * {@code custody} encrypts them.
 */
package io.trustedlaunch.gueststate;
