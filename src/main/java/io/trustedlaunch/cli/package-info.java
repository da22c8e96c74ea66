/** The program's two command lines, {@code operator} and {@code agent}, and what they share with the plugin. */
package io.trustedlaunch.cli;
