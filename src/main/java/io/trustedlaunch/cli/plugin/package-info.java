/**
 * The commands of {@code kubectl tlvm}, one class each, listed in {@link KubectlTlvm}. A command writes what a user could
 * write with kubectl, with the user's own rights, and shows the result; it decides nothing.
 */
package io.trustedlaunch.cli.plugin;
