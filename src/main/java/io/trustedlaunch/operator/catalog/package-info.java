/** ImageCatalogs: read from their source, judged, and the last good one kept in a Secret. */
package io.trustedlaunch.operator.catalog;
