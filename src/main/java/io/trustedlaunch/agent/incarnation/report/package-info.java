/** Writes the status of incarnations, each fact once. */
package io.trustedlaunch.agent.incarnation.report;
