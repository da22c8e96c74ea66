/**
 * Shared by the metrics of the operator and of the agents: values that are computed when they are read, the JVM's, and the page
 * that a scraper gets.
 */
package io.trustedlaunch.metrics;
