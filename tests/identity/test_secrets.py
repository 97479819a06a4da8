"""What a stolen database costs a thief: every password is kept as a slow hash, and nobody is known by how long an answer takes."""

from __future__ import annotations

from argon2 import PasswordHasher, extract_parameters

from watchfloor.identity.secrets import Passwords


async def test_a_password_is_kept_as_argon2id_at_the_cost_that_owasp_names() -> None:
    passwords = Passwords()
    kept = await passwords.hash("a quiet night at the river")
    cost = extract_parameters(kept)
    assert kept.startswith("$argon2id$")
    assert (cost.memory_cost, cost.time_cost, cost.parallelism) == (19 * 1024, 2, 1)
    assert await passwords.matches(kept, "a quiet night at the river")
    assert not await passwords.matches(kept, "a quiet night at the lake")


async def test_nobody_has_no_password_and_one_that_was_kept_at_another_cost_still_opens() -> None:
    kept = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("a quiet night at the river")
    assert await Passwords().matches(kept, "a quiet night at the river")
    assert not await Passwords().matches(None, "a quiet night at the river")
    assert not await Passwords().matches("no hash at all", "a quiet night at the river")
