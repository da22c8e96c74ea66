/**
 * Serial consoles for users: a door of its own, which lets in whoever has the key that a VMConsole names, for as long as
 * that stands. Who may make one is decided by the API server, and which node it names by the operator; here nothing is
 * decided but who of two has the console, which is the later one.
 */
package io.trustedlaunch.agent.console;
