/** The chart: its values and what it renders. */
package io.trustedlaunch.chart;
