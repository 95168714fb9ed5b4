"""Many cases of one question on one stage: to open a stage costs more than to ask."""

import functools
import inspect


def each(names, cases):
    """As pytest's parametrize, for tests that change nothing: all cases in one go.

    `names` as there, separated by commas. What fails says with which case.
    """
    wanted = [name.strip() for name in names.split(",")]

    def decorate(test):
        @functools.wraps(test)
        async def of_all(**fixtures):
            for case in cases:
                values = (case,) if len(wanted) == 1 else case
                given = dict(zip(wanted, values, strict=True))
                try:
                    await test(**fixtures, **given)
                except BaseException as error:
                    error.add_note(f"with {given!r:.300}")
                    raise

        signature = inspect.signature(test)
        kept = [p for name, p in signature.parameters.items() if name not in wanted]
        of_all.__signature__ = signature.replace(parameters=kept)
        return of_all

    return decorate
