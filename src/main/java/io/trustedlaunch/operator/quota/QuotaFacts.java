package io.trustedlaunch.operator.quota;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.util.List;
import java.util.Optional;

/**
 * The amounts that the quotas of a namespace leave to one object.
 *
 * @param held what the object counts for already
 * @param others what all others of the namespace count for
 * @param late an operator that had been succeeded has put more on record for the object, which was not counted and has not begun
 * @param limits all of them hold; empty: there is no quota
 */
public record QuotaFacts(Use held, Use others, boolean late, List<QuotaLimit> limits) {
    public static final QuotaFacts NONE = new QuotaFacts(Use.NONE, Use.NONE, false, List.of());

    public QuotaFacts {
        limits = List.copyOf(limits);
    }

    /** Why the object must not take that; empty: it may. What it holds already never is too much. */
    public Optional<Problem> exceededBy(Use wanted) {
        return limits.stream()
                .flatMap(limit -> limit
                        .missing(others, held, wanted)
                        .map(missing -> new Problem(
                                Reason.QuotaExceeded,
                                missing + ". Halt or delete what is not needed, or " + limit.remedy()))
                        .stream())
                .findFirst();
    }
}
