/**
 * What guests say of themselves through their guest agents: asked by one thread at its own pace, for reports and metrics, and which
 * changes of it are worth a report.
 */
package io.trustedlaunch.agent.guestinfo;
