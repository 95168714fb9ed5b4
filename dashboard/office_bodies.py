"""What administrators send: the bodies of the requests of dashboard/accounts_api.py."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from dashboard.domain.accounts import NAME, PASSWORD_MIN
from dashboard.domain.rights import PERSONAL

Text = Annotated[str, Field(max_length=200)]
# what the description says besides; `objection_to_...` hold to it, and say what they expect
Name = Annotated[Text, Field(json_schema_extra={"pattern": f"^{NAME.pattern}$"})]
RoleName = Annotated[Text, Field(json_schema_extra={"enum": list(PERSONAL)})]
DepartmentId = Annotated[
    Text, Field(description="Of a department or team of the region pack; for role department alone")
]
Password = Annotated[Text, Field(json_schema_extra={"minLength": PASSWORD_MIN})]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewAccount(_Body):
    """`area` is the code of an area inside the administrator's own.

    Role department needs a `department`; no other role may have one.
    """

    name: Name
    role: RoleName
    area: Text
    password: Password
    department: DepartmentId | None = None


class Change(_Body):
    """What is left out stays. `version` is the one that the change was decided on.

    With another role than department the account leaves its `department`.
    """

    version: int
    role: RoleName | None = None
    area: Text | None = None
    department: DepartmentId | None = None
    disabled: bool | None = None


class NewPassword(_Body):
    version: int
    password: Password


class OwnPassword(_Body):
    old: Text
    new: Password


class NewDisplay(_Body):
    name: Name
    area: Text
