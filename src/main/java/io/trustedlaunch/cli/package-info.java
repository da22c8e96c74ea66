/** The program's command lines, {@code operator}, {@code agent} and {@code check}, and what they share with the plugin. */
package io.trustedlaunch.cli;
