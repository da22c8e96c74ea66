/** The command line {@code agent}. */
package io.trustedlaunch.cli.agent;
