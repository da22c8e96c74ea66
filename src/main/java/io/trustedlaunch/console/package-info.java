/**
 * The protocol between a user's session at a console or a screen and a node's agent, over mutual TLS: the client sends bytes for the
 * guest, the agent sends {@linkplain io.trustedlaunch.console.Frame frames}. Pure.
 */
package io.trustedlaunch.console;
