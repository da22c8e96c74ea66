/** Builds and writes the status of incarnations; an unchanged status is not written again. */
package io.trustedlaunch.agent.incarnation.report;
