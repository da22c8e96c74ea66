package io.trustedlaunch.operator.image;

import io.trustedlaunch.catalog.CatalogMatch;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import java.util.Optional;

/**
 * All that is found of an image.
 *
 * @param digest that its bytes must have; empty while nobody knows
 * @param voucher the catalog that has this digest for it
 */
record ImageFinding(EligibilityVerdict verdict, Optional<String> digest, Optional<CatalogMatch> voucher) {}
