package identity

// Principal returns the account as it would act if its owner were signed in. It exists for building
// invented data; nothing that answers requests calls it.
func (a AccountView) Principal() *Principal {
	return &Principal{account: a.ID, subjects: a.Subjects, Name: a.Name, Roles: a.Roles, Lang: a.Lang, Accepted: a.Accepted > 0}
}
