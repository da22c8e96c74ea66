package io.trustedlaunch.api.quota;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Required;

/**
 * The limits.
 *
 * @param hard the most that the namespace may take of each; what is absent has no limit. A lower limit stops nothing: it
 *     refuses what would be more
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VMQuotaSpec(@Required QuotaAmounts hard) {}
