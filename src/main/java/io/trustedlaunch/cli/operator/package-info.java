/** The command lines {@code operator} and {@code check}, of the operator's image. */
package io.trustedlaunch.cli.operator;
