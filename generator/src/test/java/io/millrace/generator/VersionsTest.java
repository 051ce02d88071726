package io.millrace.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class VersionsTest {
  @Test
  void whatSchemasWrite() {
    assertThat(Versions.parse("none").isEmpty()).isTrue();
    assertThat(Versions.parse("3")).isEqualTo(new Versions(3, 3));
    assertThat(Versions.parse("0-4")).isEqualTo(new Versions(0, 4));
    assertThat(Versions.parse("9+").intersect(Versions.parse("0-12")))
        .isEqualTo(new Versions(9, 12));
    assertThatThrownBy(() -> Versions.parse("four"))
        .isInstanceOf(InvalidSchemaException.class)
        .hasMessageContaining("'four'");
  }

  @Test
  void ranges() {
    assertThat(new Versions(0, 3).intersect(new Versions(4, 9)).isEmpty()).isTrue();
    assertThat(new Versions(0, 9).without(new Versions(4, 9))).isEqualTo(new Versions(0, 3));
    assertThat(new Versions(0, 9).without(new Versions(0, 3))).isEqualTo(new Versions(4, 9));
    assertThat(new Versions(0, 9).without(new Versions(0, 9)).isEmpty()).isTrue();
    assertThat(new Versions(0, 9).without(Versions.NONE)).isEqualTo(new Versions(0, 9));
    assertThatThrownBy(() -> new Versions(0, 9).without(new Versions(4, 5)))
        .isInstanceOf(InvalidSchemaException.class);
  }

  @Test
  void conditions() {
    Versions possible = new Versions(1, 8);
    assertThat(new Versions(0, 9).within(possible)).isEqualTo(Condition.ALWAYS);
    assertThat(new Versions(9, 9).within(possible)).isEqualTo(Condition.NEVER);
    assertThat(Versions.NONE.within(possible)).isEqualTo(Condition.NEVER);
    assertThat(new Versions(3, 9).within(possible))
        .isEqualTo(new Condition("version >= 3", "version < 3"));
    assertThat(new Versions(0, 3).within(possible))
        .isEqualTo(new Condition("version <= 3", "version > 3"));
    assertThat(new Versions(2, 3).within(possible))
        .isEqualTo(new Condition("version >= 2 && version <= 3", "(version < 2 || version > 3)"));
    assertThat(new Versions(2, 2).within(possible))
        .isEqualTo(new Condition("version == 2", "version != 2"));
  }
}
