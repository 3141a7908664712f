"""People, playbooks and planning: the tables that a program is run on

Revision: 2026_11_21_core, the first one
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_21_core'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('name_folded', sa.String(length=240), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('theme', sa.String(length=5), nullable=False),
    sa.Column('timezone', sa.String(length=64), nullable=False),
    sa.Column('is_admin', sa.Boolean(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('session_key', sa.String(length=43), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('email', name=op.f('uq_person_email'))
    )
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_name_folded'), ['name_folded'], unique=False)

    op.create_table('sign_in_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempt'))
    )
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_attempt_at', ['at'], unique=False)
        batch_op.create_index('ix_sign_in_attempt_subject_at', ['subject', 'at'], unique=False)

    op.create_table('playbook',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_playbook_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_playbook')),
    sa.UniqueConstraint('key', name=op.f('uq_playbook_key'))
    )
    op.create_table('program',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('name_folded', sa.String(length=240), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('playbook_key', sa.String(length=60), nullable=True),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('timezone', sa.String(length=64), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.Column('next_number', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_program_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_program')),
    sa.UniqueConstraint('key', name=op.f('uq_program_key'))
    )
    op.create_table('sign_in_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=10), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_sign_in_link_created_by_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_sign_in_link_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_link_token_hash'))
    )
    with op.batch_alter_table('sign_in_link', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_link_person_id', ['person_id'], unique=False)

    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('origin', sa.String(length=10), nullable=False),
    sa.Column('verb', sa.String(length=40), nullable=False),
    sa.Column('object_type', sa.String(length=30), nullable=False),
    sa.Column('object_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.Column('batch', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_audit_entry_person_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_audit_entry_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entry_batch', ['batch'], unique=False)
        batch_op.create_index('ix_audit_entry_object', ['object_type', 'object_id', 'at'], unique=False)
        batch_op.create_index('ix_audit_entry_person', ['program_id', 'person_id', 'at'], unique=False)
        batch_op.create_index('ix_audit_entry_program_at', ['program_id', 'at'], unique=False)

    op.create_table('import_upload',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('notes', sa.JSON(), nullable=False),
    sa.Column('rows', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_import_upload_person_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_import_upload_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_upload'))
    )
    with op.batch_alter_table('import_upload', schema=None) as batch_op:
        batch_op.create_index('ix_import_upload_created_at', ['created_at'], unique=False)

    op.create_table('membership',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('access', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_membership_person_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_membership_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership')),
    sa.UniqueConstraint('program_id', 'person_id', name=op.f('uq_membership_program_id_person_id'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index('ix_membership_person_id', ['person_id'], unique=False)

    op.create_table('phase',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('planned_start', sa.Date(), nullable=False),
    sa.Column('planned_end', sa.Date(), nullable=False),
    sa.Column('actual_start', sa.Date(), nullable=True),
    sa.Column('actual_end', sa.Date(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('planned_end >= planned_start', name=op.f('ck_phase_planned_order')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_phase_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phase'))
    )
    with op.batch_alter_table('phase', schema=None) as batch_op:
        batch_op.create_index('ix_phase_program_id', ['program_id', 'position'], unique=False)

    op.create_table('saved_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.Column('is_shared', sa.Boolean(), nullable=False),
    sa.Column('is_first', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_saved_view_person_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_saved_view_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view'))
    )
    with op.batch_alter_table('saved_view', schema=None) as batch_op:
        batch_op.create_index('ix_saved_view_program_id', ['program_id', 'person_id'], unique=False)

    op.create_table('gate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('phase_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('kpis', sa.JSON(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['phase_id'], ['phase.id'], name=op.f('fk_gate_phase_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_gate_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gate'))
    )
    with op.batch_alter_table('gate', schema=None) as batch_op:
        batch_op.create_index('ix_gate_phase_id', ['phase_id'], unique=False)
        batch_op.create_index('ix_gate_program_id', ['program_id', 'planned_on'], unique=False)

    op.create_table('phase_block',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('phase_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['phase_id'], ['phase.id'], name=op.f('fk_phase_block_phase_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_phase_block_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phase_block'))
    )
    with op.batch_alter_table('phase_block', schema=None) as batch_op:
        batch_op.create_index('ix_phase_block_phase_id', ['phase_id', 'position'], unique=False)

    op.create_table('gate_criterion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('gate_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('ticked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ticked_by_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['gate_id'], ['gate.id'], name=op.f('fk_gate_criterion_gate_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_gate_criterion_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticked_by_id'], ['person.id'], name=op.f('fk_gate_criterion_ticked_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gate_criterion'))
    )
    with op.batch_alter_table('gate_criterion', schema=None) as batch_op:
        batch_op.create_index('ix_gate_criterion_gate_id', ['gate_id', 'position'], unique=False)

    op.create_table('gate_decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('gate_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('record', sa.Text(), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['gate_id'], ['gate.id'], name=op.f('fk_gate_decision_gate_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_gate_decision_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_gate_decision_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gate_decision')),
    sa.UniqueConstraint('program_id', 'sequence', name=op.f('uq_gate_decision_program_id_sequence'))
    )
    with op.batch_alter_table('gate_decision', schema=None) as batch_op:
        batch_op.create_index('ix_gate_decision_gate_id', ['gate_id', 'sequence'], unique=False)

    op.create_table('baseline',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by_id', sa.Integer(), nullable=True),
    sa.Column('decision_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['decision_id'], ['gate_decision.id'], name=op.f('fk_baseline_decision_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_baseline_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['taken_by_id'], ['person.id'], name=op.f('fk_baseline_taken_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_baseline'))
    )
    with op.batch_alter_table('baseline', schema=None) as batch_op:
        batch_op.create_index('ix_baseline_program_id', ['program_id', 'taken_at'], unique=False)

    op.create_table('work_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('phase_id', sa.Integer(), nullable=True),
    sa.Column('block_id', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('title_folded', sa.String(length=400), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('status_reason', sa.String(length=500), nullable=False),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('start_on', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name=op.f('ck_work_item_done_at')),
    sa.CheckConstraint("(status IN ('blocked', 'dropped')) = (status_reason <> '')", name=op.f('ck_work_item_status_reason')),
    sa.CheckConstraint('start_on IS NULL OR due_on IS NULL OR start_on <= due_on', name=op.f('ck_work_item_date_order')),
    sa.ForeignKeyConstraint(['block_id'], ['phase_block.id'], name=op.f('fk_work_item_block_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_work_item_created_by_id')),
    sa.ForeignKeyConstraint(['decision_id'], ['gate_decision.id'], name=op.f('fk_work_item_decision_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_work_item_owner_id')),
    sa.ForeignKeyConstraint(['phase_id'], ['phase.id'], name=op.f('fk_work_item_phase_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_work_item_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_item')),
    sa.UniqueConstraint('program_id', 'number', name=op.f('uq_work_item_program_id_number'))
    )
    with op.batch_alter_table('work_item', schema=None) as batch_op:
        batch_op.create_index('ix_work_item_decision_id', ['decision_id'], unique=False)
        batch_op.create_index('ix_work_item_milestone', ['program_id', 'due_on'], unique=False, sqlite_where=sa.text("kind = 'milestone'"), postgresql_where=sa.text("kind = 'milestone'"))
        batch_op.create_index('ix_work_item_done', ['program_id', 'done_at'], unique=False, sqlite_where=sa.text('done_at IS NOT NULL'), postgresql_where=sa.text('done_at IS NOT NULL'))
        batch_op.create_index('ix_work_item_progress', ['program_id', 'phase_id', 'status', 'required', 'due_on', 'start_on'], unique=False)
        batch_op.create_index('ix_work_item_gate', ['program_id', 'phase_id', 'required', 'status', 'position'], unique=False)
        batch_op.create_index('ix_work_item_words', ['program_id', 'phase_id', 'status', 'required', 'due_on', 'title_folded'], unique=False)
        batch_op.create_index('ix_work_item_due', ['program_id', 'status', 'due_on', 'owner_id'], unique=False)
        batch_op.create_index('ix_work_item_owner', ['owner_id', 'status', 'due_on'], unique=False)
        batch_op.create_index('ix_work_item_day', ['program_id', 'due_on'], unique=False, sqlite_where=sa.text("status <> 'dropped'"), postgresql_where=sa.text("status <> 'dropped'"))
        batch_op.create_index('ix_work_item_phase', ['program_id', 'phase_id', 'position'], unique=False)

    op.create_table('baseline_line',
    sa.Column('baseline_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=10), nullable=False),
    sa.Column('object_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('phase_id', sa.Integer(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['baseline_id'], ['baseline.id'], name=op.f('fk_baseline_line_baseline_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('baseline_id', 'object_type', 'object_id', name=op.f('pk_baseline_line'))
    )
    op.create_table('comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('removed_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_comment_author_id')),
    sa.ForeignKeyConstraint(['item_id'], ['work_item.id'], name=op.f('fk_comment_item_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['removed_by_id'], ['person.id'], name=op.f('fk_comment_removed_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_comment_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment'))
    )
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.create_index('ix_comment_item_id', ['item_id', 'created_at'], unique=False)

    op.create_table('dependency',
    sa.Column('predecessor_id', sa.Integer(), nullable=False),
    sa.Column('successor_id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.CheckConstraint('predecessor_id <> successor_id', name=op.f('ck_dependency_not_itself')),
    sa.ForeignKeyConstraint(['predecessor_id'], ['work_item.id'], name=op.f('fk_dependency_predecessor_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_dependency_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['successor_id'], ['work_item.id'], name=op.f('fk_dependency_successor_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('predecessor_id', 'successor_id', name=op.f('pk_dependency'))
    )
    with op.batch_alter_table('dependency', schema=None) as batch_op:
        batch_op.create_index('ix_dependency_program_id', ['program_id', 'successor_id', 'predecessor_id'], unique=False)
        batch_op.create_index('ix_dependency_successor_id', ['successor_id'], unique=False)

    op.create_table('evidence_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=True),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['added_by_id'], ['person.id'], name=op.f('fk_evidence_link_added_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['work_item.id'], name=op.f('fk_evidence_link_item_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_link'))
    )
    with op.batch_alter_table('evidence_link', schema=None) as batch_op:
        batch_op.create_index('ix_evidence_link_item_id', ['item_id'], unique=False)

    op.create_table('item_tag',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('tag', sa.String(length=40), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['work_item.id'], name=op.f('fk_item_tag_item_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_item_tag_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('item_id', 'tag', name=op.f('pk_item_tag'))
    )
    with op.batch_alter_table('item_tag', schema=None) as batch_op:
        batch_op.create_index('ix_item_tag_tag', ['program_id', 'tag'], unique=False)

    op.create_table('mention',
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_mention_comment_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_mention_person_id')),
    sa.PrimaryKeyConstraint('comment_id', 'person_id', name=op.f('pk_mention'))
    )
    with op.batch_alter_table('mention', schema=None) as batch_op:
        batch_op.create_index('ix_mention_person_id', ['person_id', 'seen_at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('mention', schema=None) as batch_op:
        batch_op.drop_index('ix_mention_person_id')

    op.drop_table('mention')
    with op.batch_alter_table('item_tag', schema=None) as batch_op:
        batch_op.drop_index('ix_item_tag_tag')

    op.drop_table('item_tag')
    with op.batch_alter_table('evidence_link', schema=None) as batch_op:
        batch_op.drop_index('ix_evidence_link_item_id')

    op.drop_table('evidence_link')
    with op.batch_alter_table('dependency', schema=None) as batch_op:
        batch_op.drop_index('ix_dependency_successor_id')
        batch_op.drop_index('ix_dependency_program_id')

    op.drop_table('dependency')
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.drop_index('ix_comment_item_id')

    op.drop_table('comment')
    op.drop_table('baseline_line')
    with op.batch_alter_table('work_item', schema=None) as batch_op:
        batch_op.drop_index('ix_work_item_phase')
        batch_op.drop_index('ix_work_item_owner')
        batch_op.drop_index('ix_work_item_due')
        batch_op.drop_index('ix_work_item_day')
        batch_op.drop_index('ix_work_item_progress')
        batch_op.drop_index('ix_work_item_done')
        batch_op.drop_index('ix_work_item_milestone')
        batch_op.drop_index('ix_work_item_gate')
        batch_op.drop_index('ix_work_item_words')
        batch_op.drop_index('ix_work_item_decision_id')

    op.drop_table('work_item')
    with op.batch_alter_table('baseline', schema=None) as batch_op:
        batch_op.drop_index('ix_baseline_program_id')

    op.drop_table('baseline')
    with op.batch_alter_table('gate_decision', schema=None) as batch_op:
        batch_op.drop_index('ix_gate_decision_gate_id')

    op.drop_table('gate_decision')
    with op.batch_alter_table('gate_criterion', schema=None) as batch_op:
        batch_op.drop_index('ix_gate_criterion_gate_id')

    op.drop_table('gate_criterion')
    with op.batch_alter_table('phase_block', schema=None) as batch_op:
        batch_op.drop_index('ix_phase_block_phase_id')

    op.drop_table('phase_block')
    with op.batch_alter_table('gate', schema=None) as batch_op:
        batch_op.drop_index('ix_gate_program_id')
        batch_op.drop_index('ix_gate_phase_id')

    op.drop_table('gate')
    with op.batch_alter_table('saved_view', schema=None) as batch_op:
        batch_op.drop_index('ix_saved_view_program_id')

    op.drop_table('saved_view')
    with op.batch_alter_table('phase', schema=None) as batch_op:
        batch_op.drop_index('ix_phase_program_id')

    op.drop_table('phase')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index('ix_membership_person_id')

    op.drop_table('membership')
    with op.batch_alter_table('import_upload', schema=None) as batch_op:
        batch_op.drop_index('ix_import_upload_created_at')

    op.drop_table('import_upload')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_entry_program_at')
        batch_op.drop_index('ix_audit_entry_person')
        batch_op.drop_index('ix_audit_entry_object')
        batch_op.drop_index('ix_audit_entry_batch')

    op.drop_table('audit_entry')
    with op.batch_alter_table('sign_in_link', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_link_person_id')

    op.drop_table('sign_in_link')
    op.drop_table('program')
    op.drop_table('playbook')
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_attempt_subject_at')
        batch_op.drop_index('ix_sign_in_attempt_at')

    op.drop_table('sign_in_attempt')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_person_name_folded'))

    op.drop_table('person')
