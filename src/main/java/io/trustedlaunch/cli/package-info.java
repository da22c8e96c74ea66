/** What the command lines of operator, agent, fencer and plugin share. Each is in a package of its own. */
package io.trustedlaunch.cli;
