/** The operator process: configuration, readiness, and the wiring of its controllers. */
package io.trustedlaunch.operator;
