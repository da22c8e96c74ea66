/**
 * The program's command lines, {@code operator}, {@code agent}, {@code fencer} and {@code check}, and what they share with the
 * plugin.
 */
package io.trustedlaunch.cli;
