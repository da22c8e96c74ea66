/** The command line {@code fencer}. */
package io.trustedlaunch.cli.fencer;
