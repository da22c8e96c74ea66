/**
 * The log in which firmware, shim, GRUB and the kernel say what they have measured into a TPM, its replay, and the facts in it. Pure: bytes
 * in, facts out; the bytes may come from a hostile guest.
 *
 * <p>A log is believed register by register, and only where it replays to the register's value. That makes digests and their order
 * certain, and nothing else: types and data are the writer's. So data is a fact only if its digest is the event's digest; a
 * separator is known by its digest; and everything else is a label, for people. Whoever runs before a register is read can
 * extend it, so a fact after the separator of its register is the word of what was started, up to the guest's system: those
 * before it are the firmware's. The first SbatLevel counts, but software older than the SbatLevel measures none.
 *
 * <p>Sources, by section:
 *
 * <ul>
 *   <li>TCG PC Client Platform Firmware Profile 1.06: PCR usage, Event Logging, Event Types, Measuring UEFI Variables,
 *       EV_EFI_VARIABLE_AUTHORITY, Startup Locality Event.
 *   <li>UEFI Specification 2.10: Boot Manager (load options), Device Path Protocol, Secure Boot (EFI_SIGNATURE_LIST).
 *   <li>shim: PCR 7 has SbatLevel and the certificates that verified loaders, named MokListRT also if the certificate is built into shim
 *       (seen with 16.1); PCR 14 has MokList, MokListX and MokListTrusted, whose events hold their names only.
 *   <li>GRUB's manual, section "Measured Boot": PCR 8 has commands and command lines, PCR 9 files. It measures a text without its label
 *       and the final NUL (seen with 2.06).
 * </ul>
 */
package io.trustedlaunch.bootlog;
