/**
 * The common part of the controllers of the operator and of the fencer: watches, passes, conditions, the leader Lease, and
 * all writes but those of {@code operator.identity}, which are of their own kind. It knows neither.
 */
package io.trustedlaunch.controller;
