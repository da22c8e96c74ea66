/**
 * What the metrics of the operator's and the agents' processes have in common: values that are computed when they are read,
 * the JVM's, and the page that a scraper gets.
 */
package io.trustedlaunch.metrics;
