package io.trustedlaunch.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** When {@code bin/test} runs this end-to-end test class; one without the annotation runs in the {@link Place#MIDDLE}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface LabOrder {
    Place value();

    /** In the order in which classes run. */
    enum Place {
        /** It takes minutes: started late, it would keep one lab busy after all others are done. */
        FIRST,
        MIDDLE,
        /** It leaves its lab unfit for other tests, so the lab takes no further class. */
        ENDS_LAB,
        /** It is short: the other labs run it while one lab runs the class that ends it. */
        LAST;

        static Place of(Class<?> test) {
            LabOrder order = test.getAnnotation(LabOrder.class);
            return order == null ? MIDDLE : order.value();
        }
    }
}
