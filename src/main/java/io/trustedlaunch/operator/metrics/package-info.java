/** The operator's metrics of the cluster, computed from the controllers' caches at each scrape; docs/metrics.md lists them. */
package io.trustedlaunch.operator.metrics;
