/** The common part of the command lines of operator, agent, fencer and plugin. Each is in a package of its own. */
package io.trustedlaunch.cli;
